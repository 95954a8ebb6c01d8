/* SPDX-License-Identifier: MIT */
/* A program that needs a call of a later vDSO. */
extern int iris_foo(void);

int main(void) { return iris_foo(); }
