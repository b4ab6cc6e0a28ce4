# The referee's stub for s390x. tools/stubs assembles it.
#
# A raw image for -kernel: loaded at absolute 0 (lowcore and code, 0x3000 bytes), entered through
# the short PSW at 0. The primary space is real; the tables under test are walked as the secondary
# space (data) and the home space (fetches).
#
# The mailbox is at 0x3000: 0 seq, 8 done, 0x10 count, 0x18 ASCE, 0x20 CR0. Requests are at 0x10000,
# 64 bytes each: 0 va, 8 operation, 0x10 argument, 0x20 value, 0x28 status (-1, program interruption
# code, or condition code), 0x30 TEID.
    .text
base:
    .long 0x00080000, 0x80002000        # short IPL PSW
    .org 0x1c0                          # SVC new PSW: DAT, primary, 64 bit
    .quad 0x0400000180000000, svc - base
    .org 0x1d0                          # program new PSW
    .quad 0x0400000180000000, pgm - base
    .org 0x2000
start:
    lghi %r12, 0x3000
    larl %r1, consts
    lctlg %c0, %c0, 0(%r1)
    lctlg %c1, %c1, 8(%r1)
    lpswe 16(%r1)
poll:
    lg %r0, 0(%r12)
    cg %r0, 8(%r12)
    je poll
    lctlg %c0, %c0, 0x20(%r12)
    lctlg %c7, %c7, 0x18(%r12)          # secondary ASCE: data accesses
    lctlg %c13, %c13, 0x18(%r12)        # home ASCE: instruction fetches
    ptlb
    lg %r11, 0x10(%r12)
    llilh %r10, 1                       # 0x10000
loop:
    ltgr %r11, %r11
    jz done
    lg %r5, 0(%r10)
    lg %r6, 8(%r10)
    lg %r7, 16(%r10)
    lghi %r8, -1
    tmll %r6, 0x100
    jz 1f
    ptlb
1:  nill %r6, 15
    cghi %r6, 1
    je 2f
    cghi %r6, 2
    je 3f
    cghi %r6, 8
    je 4f
    cghi %r6, 9
    je 5f
    sacf 256                            # op 0 load
    lg %r7, 0(%r5)
    sacf 0
    j ok
2:  sacf 256                            # op 1 store
    stg %r7, 0(%r5)
    sacf 0
    j ok
3:  larl %r1, consts                    # op 2 execute in home space; target: lgfi %r7,tag ; svc 0
    stg %r5, 0x128(%r12)
    lg %r0, 32(%r1)
    stg %r0, 0x120(%r12)
    lpswe 0x120(%r12)
4:  sacf 256                            # op 8 LRAG
    lrag %r7, 0(%r5)
    ipm %r8
    sacf 0
    j 6f
5:  sacf 256                            # op 9 TPROT
    tprot 0(%r5), 0
    ipm %r8
    sacf 0
6:  llgfr %r8, %r8
    srlg %r8, %r8, 28
    j ok
svc:
ok: stg %r7, 0x20(%r10)
    stg %r8, 0x28(%r10)
next:
    aghi %r10, 64
    aghi %r11, -1
    j loop
done:
    lg %r0, 0(%r12)
    stg %r0, 8(%r12)
    j poll
pgm:
    llgh %r8, 0x8e                      # program interruption code
    lg %r9, 0xa8                        # TEID
    stg %r7, 0x20(%r10)
    stg %r8, 0x28(%r10)
    stg %r9, 0x30(%r10)
    j next
    .balign 8
consts:
    .quad 0x04000000                    # CR0: secondary-space control
    .quad 0x20                          # CR1: real-space designation
    .quad 0x0400000180000000, poll - base      # DAT, primary
    .quad 0x0400c00180000000            # DAT, home
    .org 0x3000
