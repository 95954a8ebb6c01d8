# SPDX-License-Identifier: MIT
#
# CMake toolchain file: cmake --toolchain SDK/share/cmake/iris.cmake ...
#
# Also gives `iris_interface(TARGET FILE.idl)`: stubs and dispatcher of an interface for a target.

cmake_path(SET IRIS_SDK NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../..")
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(IRIS TRUE)

set(CMAKE_C_COMPILER "${IRIS_SDK}/bin/i686-iris-gcc")
set(CMAKE_CXX_COMPILER "${IRIS_SDK}/bin/i686-iris-g++")
set(CMAKE_ASM_COMPILER "${IRIS_SDK}/bin/i686-iris-gcc")
set(CMAKE_AR "${IRIS_SDK}/bin/i686-iris-ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${IRIS_SDK}/bin/i686-iris-ranlib" CACHE FILEPATH "")
set(CMAKE_STRIP "${IRIS_SDK}/bin/i686-iris-strip" CACHE FILEPATH "")
set(PKG_CONFIG_EXECUTABLE "${IRIS_SDK}/bin/i686-iris-pkg-config" CACHE FILEPATH "")
set(CMAKE_CROSSCOMPILING_EMULATOR "${IRIS_SDK}/bin/iris-run;--exec")

set(CMAKE_FIND_ROOT_PATH "${IRIS_SDK}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# What in the SDK is not standard C: the headers that are found in quotes.
set(IRIS_QUOTED "-iquote${IRIS_SDK}/include/libiris")

function(iris_interface target file)
    get_filename_component(name "${file}" NAME_WE)
    get_filename_component(source "${file}" ABSOLUTE)
    set(made "${CMAKE_CURRENT_BINARY_DIR}/${name}")
    add_custom_command(
        OUTPUT "${made}.c" "${made}.h"
        COMMAND "${IRIS_SDK}/bin/idlc" --out "${CMAKE_CURRENT_BINARY_DIR}" "${source}"
        DEPENDS "${source}" VERBATIM)
    target_sources(${target} PRIVATE "${made}.c" "${made}.h")
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
    target_compile_options(${target} PRIVATE "${IRIS_QUOTED}")
endfunction()
