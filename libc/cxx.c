/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls for C++ without its library (Itanium C++ ABI, 3.3.2 and 5.1.5): memory of
 * objects, and calls of functions that no class has defined. There are no exceptions: where there
 * is no memory, `new` ends the program.
 */
#include <stdlib.h>
#include <unistd.h>

#define NAME(symbol) __asm__(#symbol)

void *cxx_new(size_t size) NAME(_Znwj);
void *cxx_new_array(size_t size) NAME(_Znaj);
void cxx_delete(void *object) NAME(_ZdlPv);
void cxx_delete_array(void *object) NAME(_ZdaPv);
void cxx_delete_sized(void *object, size_t size) NAME(_ZdlPvj);
void cxx_delete_array_sized(void *object, size_t size) NAME(_ZdaPvj);
void __cxa_pure_virtual(void) __attribute__((noreturn));
void __cxa_deleted_virtual(void) __attribute__((noreturn));

/* Names this program to __cxa_atexit; there are no shared objects to be told from it. */
void *__dso_handle;

static void __attribute__((noreturn)) fail(const char *message, size_t length)
{
    write(STDERR_FILENO, message, length);
    abort();
}
#define FAIL(message) fail(message "\n", sizeof message)

void *cxx_new(size_t size)
{
    void *object = malloc(size != 0 ? size : 1);
    if (object == NULL)
        FAIL("new: no memory");
    return object;
}

void *cxx_new_array(size_t size) { return cxx_new(size); }
void cxx_delete(void *object) { free(object); }
void cxx_delete_array(void *object) { free(object); }

void cxx_delete_sized(void *object, size_t size)
{
    (void)size;
    free(object);
}

void cxx_delete_array_sized(void *object, size_t size)
{
    (void)size;
    free(object);
}

void __cxa_pure_virtual(void) { FAIL("a pure virtual function was called"); }
void __cxa_deleted_virtual(void) { FAIL("a deleted virtual function was called"); }
