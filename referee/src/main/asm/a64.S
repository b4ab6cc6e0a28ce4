// The referee's stub for aarch64. tools/stubs assembles it.
//
// The host copies it to S; it is entered with the MMU off at EL3, EL2 or EL1 and goes to EL1. The
// half of the va space that is not under test is the stub's.
//
// The mailbox is at S + 0x8000: 0 seq, 8 done, 0x10 count, 0x18 TTBR0, 0x20 TTBR1, 0x28 TCR,
// 0x30 MAIR, 0x38 SCTLR, 0x40 PAN (0 none, 1 off, 2 on); for the boot 0x80 TTBR0, TTBR1, TCR, MAIR,
// SCTLR, va of S. Requests are at S + 0x9000, 64 bytes each: 0 va, 8 operation, 0x10 argument,
// 0x20 value, 0x28 status (ESR or -1), 0x30 FAR.
.arch armv8.1-a
.equ MB, 0x8000
.text
stub:
    mrs x0, CurrentEL
    lsr x0, x0, #2
    cmp x0, #3
    b.ne 1f
    mov x1, #0x401                     // SCR_EL3: NS|RW
    orr x1, x1, #0x100                 // HCE
    msr scr_el3, x1
    msr cptr_el3, xzr
    mov x1, #0x3c9                     // EL2h
    msr spsr_el3, x1
    adr x1, 1f
    msr elr_el3, x1
    eret
1:  mrs x0, CurrentEL
    lsr x0, x0, #2
    cmp x0, #2
    b.ne 2f
    mov x1, #0x80000000                // HCR_EL2.RW
    msr hcr_el2, x1
    mov x1, #0x3c5                     // EL1h
    msr spsr_el2, x1
    adr x1, 2f
    msr elr_el2, x1
    eret
2:  adr x19, stub                      // physical
    add x20, x19, #MB
    ldp x0, x1, [x20, #0x80]
    ldp x2, x3, [x20, #0x90]
    ldp x4, x5, [x20, #0xa0]
    msr ttbr0_el1, x0
    msr ttbr1_el1, x1
    msr tcr_el1, x2
    msr mair_el1, x3
    tlbi vmalle1
    dsb sy
    isb
    msr sctlr_el1, x4
    isb
    add x6, x5, #(high - stub)
    br x6
high:
    mov x19, x5                        // SV
    add x20, x19, #MB
    add x0, x19, #0x1000
    msr vbar_el1, x0
    add x0, x19, #0x8000
    mov sp, x0
poll:
    yield
    ldr x0, [x20]
    ldr x1, [x20, #8]
    cmp x0, x1
    b.eq poll
    dmb sy
    ldp x0, x1, [x20, #0x18]
    ldp x2, x3, [x20, #0x28]
    ldp x4, x5, [x20, #0x38]
    msr ttbr0_el1, x0
    msr ttbr1_el1, x1
    msr tcr_el1, x2
    msr mair_el1, x3
    msr sctlr_el1, x4
    isb
    tlbi vmalle1
    dsb sy
    isb
    cbz x5, 4f                         // 0: CPU without PAN, 1: PAN=0, 2: PAN=1
    tbz x5, #1, 3f
    msr pan, #1
    b 4f
3:  msr pan, #0
4:  ldr x21, [x20, #0x10]
    add x22, x19, #0x9000
loop:
    cbz x21, done
    ldp x1, x2, [x22]                  // va, op
    ldr x0, [x22, #0x10]
    tbz x2, #8, 5f
    tlbi vmalle1
    dsb sy
    isb
5:  and x2, x2, #15
    adr x3, table
    add x3, x3, x2, lsl #3
    br x3
table:
    ldr x0, [x1]                       // 0 EL1 load
    b ok
    str x0, [x1]                       // 1 EL1 store
    b ok
    br x1                              // 2 EL1 exec (target: mov x0,#tag ; svc #0)
    nop
    b at                               // 3 (unused)
    nop
    ldtr x0, [x1]                      // 4 EL0 load
    b ok
    sttr x0, [x1]                      // 5 EL0 store
    b ok
    b el0exec                          // 6 EL0 exec
    nop
    b at                               // 7 unused
    nop
    at s1e1r, x1                       // 8
    b at
    at s1e1w, x1                       // 9
    b at
    at s1e0r, x1                       // 10
    b at
    at s1e0w, x1                       // 11
    b at
el0exec:
    mrs x3, pan                        // PAN comes back from EL0 as it went there
    msr spsr_el1, x3
    msr elr_el1, x1
    isb
    eret
at: isb
    mrs x0, par_el1
ok: str x0, [x22, #0x20]
    mov x3, #-1
    str x3, [x22, #0x28]
next:
    add x22, x22, #64
    sub x21, x21, #1
    b loop
done:
    dmb sy
    ldr x0, [x20]
    str x0, [x20, #8]
    b poll
fault:
    mrs x3, esr_el1
    mrs x4, far_el1
    str x0, [x22, #0x20]
    stp x3, x4, [x22, #0x28]
    b next                             // host must set SCTLR_EL1.SPAN (bit 23)

    .org 0x1000
    .rept 16
    b fault
    .balign 128
    .endr
