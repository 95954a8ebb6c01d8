/* SPDX-License-Identifier: MIT */
/* A program without start-up code; its entry is called once it is bound. WITH_* choose what it
   asks of the object. */
extern int sample_one(void);
extern int sample_two(int a);
extern int sample_three(void);
extern int sample_changed(void);
extern int sample_optional(void) __attribute__((weak));
extern int sample_data;

int entry(void);

/* A pointer in data: R_386_32, or the address of a PLT entry, as the linker likes. */
static int (*volatile pointer)(int) = sample_two;

int entry(void)
{
    int sum = sample_one() + pointer(20) + 100 * sample_changed();
    if (sample_optional)
        sum += 100000;
#ifdef WITH_THREE
    sum += 10000 * sample_three();
#endif
#ifdef WITH_DATA
    sum += sample_data;
#endif
    return sum;
}
