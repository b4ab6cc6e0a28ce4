# The referee's stub for ppc64 (POWER9, radix, HV real mode, big endian). tools/stubs assembles it.
#
# A flat image for physical 0. Instructions of the stub are fetched in real mode; only data is
# translated while it loads and stores, and both while it fetches or runs without privilege.
#
# The mailbox is at 0x4000: 0 seq, 8 done, 0x10 count, 0x18 PIDR, 0x20 AMR, 0x28 IAMR; for the boot
# 0x80 LPCR, 0x88 PTCR. Requests are at 0x10000, 64 bytes each: 0 va, 8 operation, 0x10 argument,
# 0x20 value, 0x28 status (-1, or the vector), 0x30 DSISR or SRR1, 0x38 DAR or SRR0.
    .machine power9
    .text
    .org 0x10                      # powernv entry point
    b start
    .macro vec at, d, a
    .org \at
    li 8, \at
    mfspr 9, \d
    mfspr 4, \a
    b fault
    .endm
    vec 0x100, 27, 26
    vec 0x200, 27, 26
    vec 0x300, 18, 19              # DSI: DSISR, DAR
    vec 0x380, 18, 19              # data segment
    vec 0x400, 27, 26              # ISI: SRR1, SRR0
    vec 0x480, 27, 26
    vec 0x600, 18, 19
    vec 0x700, 27, 26
    .org 0xc00                     # sc
    li 8, -1
    b ok
    vec 0xe00, 306, 307            # HDSI: HDSISR, HDAR
    .org 0xe20                     # HISI.  -machine none starts with MSR.HV=0: the first fetch traps here and enters HV mode
    cmpdi 12, 0
    beq start
    li 8, 0xe20
    mfspr 9, 315
    mfspr 4, 314
    b fault
    vec 0xe40, 315, 314
    .org 0x2000
start:
    li 12, 0x4000
    li 3, -1
    rldicr 3, 3, 0, 0              # SF
    mfmsr 4
    or 4, 4, 3
    mtmsrd 4
    isync
    ld 3, 0x80(12)
    mtspr 318, 3                   # LPCR
    ld 3, 0x88(12)
    mtspr 464, 3                   # PTCR
    li 3, 0
    mtspr 319, 3                   # LPIDR
    isync
poll:
    ld 0, 0(12)
    ld 1, 8(12)
    cmpd 0, 1
    beq poll
    ld 3, 0x18(12)
    mtspr 48, 3                    # PIDR (QEMU flushes the TLB)
    ld 3, 0x20(12)
    mtspr 29, 3                    # AMR
    ld 3, 0x28(12)
    mtspr 61, 3                    # IAMR
    isync
    ld 11, 0x10(12)
    lis 10, 1
loop:
    cmpdi 11, 0
    beq done
    ld 5, 0(10)
    ld 6, 8(10)
    ld 7, 16(10)
    li 8, -1
    andi. 0, 6, 0x100
    beq 1f
    mfspr 3, 48
    mtspr 48, 3
    isync
1:  clrldi 6, 6, 60
    mfmsr 3
    cmpdi 6, 1
    beq 2f
    cmpdi 6, 2
    beq 3f
    bgt 4f
    ori 3, 3, 0x10                 # DR only: instructions stay in real mode
    mtmsrd 3
    isync
    ld 7, 0(5)                     # op 0
    xori 3, 3, 0x10
    mtmsrd 3
    isync
    b ok
2:  ori 3, 3, 0x10
    mtmsrd 3
    isync
    std 7, 0(5)                    # op 1
    xori 3, 3, 0x10
    mtmsrd 3
    isync
    b ok
3:  mtspr 26, 5                    # op 2: privileged fetch; target: lis 7 ; ori 7,7 ; sc
    ori 3, 3, 0x20
    mtspr 27, 3
    rfid
4:  ori 3, 3, 0x4030               # PR|IR|DR
    mtspr 27, 3
    lis 4, 0                       # uload
    ori 4, 4, 0x3000
    cmpdi 6, 4
    beq 5f
    addi 4, 4, 8
    cmpdi 6, 5
    beq 5f
    mtspr 26, 5                    # op 6: user fetch
    rfid
5:  li 3, 3
    rldicr 3, 3, 62, 1             # 0xC000000000000000
    or 4, 4, 3
    mtspr 26, 4
    rfid
ok: std 7, 0x20(10)
    std 8, 0x28(10)
next:
    addi 10, 10, 64
    addi 11, 11, -1
    b loop
done:
    ld 0, 0(12)
    std 0, 8(12)
    b poll
fault:
    std 7, 0x20(10)
    std 8, 0x28(10)
    std 9, 0x30(10)
    std 4, 0x38(10)
    b next
    .org 0x3000                    # problem state code, mapped non privileged at 0xC000000000003000
uload:
    ld 7, 0(5)                     # op 4
    sc
    std 7, 0(5)                    # op 5
    sc
    .org 0x4000
