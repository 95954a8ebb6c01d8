/* SPDX-License-Identifier: MIT */
/* Stands for the vDSO: two generations of it are built, the newer with -DGENERATION=2. */
int sample_one(void);
int sample_two(int a);
int sample_three(void);

int sample_one(void) { return 1; }

int sample_two(int a) { return a + 2; }

#if GENERATION >= 2
int sample_data = 7;
int sample_changed_old(void);
int sample_changed_new(void);
__asm__(".symver sample_changed_old, sample_changed@SAMPLE_1.0");
__asm__(".symver sample_changed_new, sample_changed@@SAMPLE_1.1");

int sample_three(void) { return 3; }

int sample_changed_old(void) { return 10; }

int sample_changed_new(void) { return 11; }
#else
int sample_changed(void);

int sample_changed(void) { return 10; }
#endif
