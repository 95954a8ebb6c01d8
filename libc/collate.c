/* SPDX-License-Identifier: MIT */
/* newlib's regular expressions and patterns ask whether a table of the locale was loaded: there is
   only the C locale, whose order is that of the bytes. */

extern const int __collate_load_error;
const int __collate_load_error = 1;
