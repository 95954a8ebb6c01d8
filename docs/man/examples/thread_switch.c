/* SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include <iris/calls.h>

/* Lets others of the same priority go first while something is not
   there yet. What may take long is better waited for: see word_wait.
   */
bool wait_a_little(const volatile bool *there)
{
    for (int i = 0; i < 100 && !*there; i++)
        iris_thread_switch(0);
    return *there;
}
