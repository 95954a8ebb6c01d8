/* SPDX-License-Identifier: MIT */
/* The registers of an IDE channel, as far as IDENTIFY needs them (ATA/ATAPI-6). */
#ifndef IDENTIFY_IDE_H
#define IDENTIFY_IDE_H

enum ide_register { IDE_DATA = 0, IDE_DEVICE = 6, IDE_COMMAND = 7, IDE_STATUS = 7 };
#define IDE_STATUS_ERROR 0x01u
#define IDE_STATUS_REQUEST 0x08u /* it has data */
#define IDE_STATUS_ABSENT 0xffu  /* nobody drives the lines */
#define IDE_DEVICE_FIRST 0xa0u
#define IDE_INTERRUPTS_ON 0x00u   /* device control: nIEN clear (7.9) */
#define IDE_IDENTIFY 0xecu        /* 8.15 */
#define IDE_IDENTIFY_PACKET 0xa1u /* 8.16: the same for CD-ROM drives and their like */
#define IDE_WORDS 256
#define IDE_MODEL 27 /* first of the 20 words of the model's name, high byte first (table 27) */
#define IDE_MODEL_WORDS 20

#endif
