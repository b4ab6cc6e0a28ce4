# The referee's stub for riscv64. It stays in machine mode, where addresses are physical: MPRV lets
# single loads and stores go through the tables, MRET goes where a fetch is tried.
#
#   tools/stubs assembles it.
#
# A processor fetches from the stub's physical page while MPRV is set. QEMU 7.2 keeps that page and
# the data's translations in one TLB without telling them apart, so a load at a va equal to the
# stub's address would find the page of the code. Hence "load" and "store" are there twice, in two
# pages, and the copy is used whose page is not that of the va.
#
# The mailbox is at 0x8000: 0 seq, 8 done, 0x10 count, 0x18 satp, 0x20 mstatus. Requests are at
# 0x10000, 64 bytes each: 0 va, 8 operation, 0x10 argument, 0x20 value, 0x28 status (-1, or mcause),
# 0x30 mtval.
    .option norvc
    .text
start:
    auipc t0, 0
    addi t0, t0, 0x200
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li s0, 0x8000
    li s3, 0x1800                      # mstatus of the stub: MPP = M
    csrw mstatus, s3
poll:
    ld t0, 0(s0)
    ld t1, 8(s0)
    beq t0, t1, poll
    fence
    ld t0, 0x18(s0)
    csrw satp, t0
    sfence.vma
    ld s4, 0x20(s0)
    ld s1, 0x10(s0)
    li s2, 0x10000
loop:
    beqz s1, done
    ld a1, 0(s2)
    ld a2, 8(s2)
    ld a0, 16(s2)
    andi t0, a2, 0x100
    beqz t0, 1f
    sfence.vma
1:  mv t3, s4
    andi t0, a2, 4
    bnez t0, 2f
    li t1, 0x800                       # MPP = S
    or t3, t3, t1
2:  andi a2, a2, 3
    li t0, 2
    beq a2, t0, fetch
    li t1, 0x20000                     # MPRV
    or t3, t3, t1
    auipc t1, 0                        # the page of this code
    srli t1, t1, 12
    srli t2, a1, 12
    li t0, 1
    beq t1, t2, away
    beq a2, t0, store
    csrw mstatus, t3
    ld a0, 0(a1)
    csrw mstatus, s3
    j ok
store:
    csrw mstatus, t3
    sd a0, 0(a1)
    csrw mstatus, s3
    j ok
fetch:                                 # target: lui a0; addiw a0; ecall
    csrw mstatus, t3
    csrw mepc, a1
    mret
ok:
    sd a0, 0x20(s2)
    li t0, -1
    sd t0, 0x28(s2)
next:
    addi s2, s2, 64
    addi s1, s1, -1
    j loop
done:
    fence
    ld t0, 0(s0)
    sd t0, 8(s0)
    j poll

    .org 0x200
trap:
    csrw mstatus, s3
    csrr t0, mcause
    li t1, 8                           # ecall from U
    beq t0, t1, ok
    li t1, 9                           # ecall from S
    beq t0, t1, ok
    csrr t1, mtval
    sd t0, 0x28(s2)
    sd t1, 0x30(s2)
    j next

    .org 0x1000
away:
    beq a2, t0, 1f
    csrw mstatus, t3
    ld a0, 0(a1)
    csrw mstatus, s3
    j ok
1:  csrw mstatus, t3
    sd a0, 0(a1)
    csrw mstatus, s3
    j ok
