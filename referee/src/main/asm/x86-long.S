# The referee's stub for x86 in long mode: 4-level and 5-level paging. tools/stubs assembles it.
#
# rom   the last 256 bytes below 4 GiB: from the reset vector to 64-bit code
# stub  position independent; the host copies it to H, a multiple of 2 MiB, and it runs at va SV
#
# The mailbox is at H + 0x8000: 0 seq, 8 done, 0x10 count, 0x18 CR3, 0x20 EFER, 0x28 CR0, 0x30 CR4,
# 0x38 PKRU. Requests are at H + 0x10000, 64 bytes each: 0 va, 8 operation, 0x10 argument,
# 0x20 value, 0x28 status (-1, or vector << 32 | error code), 0x30 CR2.
.intel_syntax noprefix
.section .rom, "ax"
.code16
# At pa 0xffffff00; CS begins at 0xffff0000.
rom_start:
    cli
    .byte 0x2e, 0x66, 0x0f, 0x01, 0x16      # o32 lgdt cs:[disp16]
    .word 0xff00 + (gdtr - rom_start)
    mov eax, cr0
    or al, 1
    mov cr0, eax
    .byte 0x66, 0xea                          # ljmp 0x18:0xffffff00+...
    .long 0xffffff00 + (pm32 - rom_start)
    .word 0x18
.code32
pm32:
    mov ax, 0x10
    mov ds, ax
    mov ss, ax
    mov ebx, 0x00008000                       # BOOT block: +0 cr4, +4 cr3, +8 rip(8), +16 rsp(8)
    mov eax, [ebx]
    mov cr4, eax
    mov eax, [ebx+4]
    mov cr3, eax
    mov ecx, 0xc0000080
    mov eax, 0x901                            # SCE|LME|NXE
    xor edx, edx
    wrmsr
    mov eax, 0x80010033
    mov cr0, eax
    .byte 0xea                                # ljmp 0x08:lm64
    .long 0xffffff00 + (lm64 - rom_start)
    .word 0x08
.code64
lm64:
    mov rsp, [rbx+16]
    jmp qword ptr [rbx+8]
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff                  # 08 code64
    .quad 0x00cf93000000ffff                  # 10 data
    .quad 0x00cf9b000000ffff                  # 18 code32
gdtr:
    .word 0x1f
    .long 0xffffff00 + (gdt - rom_start)
    .org 0xf0
    .byte 0xe9                                # jmp rel16 -> rom_start
    .word 0xff00 - 0xfff3
    .org 0x100

.section .stub, "ax"
.code64
# 0x0000 code, 0x1000 GDT, GDTR, IDTR, TSS, 0x2000 IDT, 0x4000 top of the stack, 0x5000 user code
.equ MB, 0x8000
.equ REQUESTS, 0x10000
.equ UALIAS, 0x200000                          # user alias of the same 2 MiB
stub:
    lea rbp, [rip + stub]
    lgdt [rbp + 0x1100]
    lidt [rbp + 0x1110]
    mov ax, 0x28
    ltr ax
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    lea rsp, [rbp + 0x4000]
    push 0x08
    lea rax, [rip + 1f]
    push rax
    .byte 0x48, 0xcb                           # lretq
1:
poll:
    pause
    mov rax, [rbp + MB]
    cmp rax, [rbp + MB + 8]
    je poll
    mov rax, [rbp + MB + 0x20]                 # efer
    mov rdx, rax
    shr rdx, 32
    mov ecx, 0xc0000080
    wrmsr
    mov rax, [rbp + MB + 0x28]                 # cr0
    mov cr0, rax
    mov rax, [rbp + MB + 0x30]                 # cr4
    mov cr4, rax
    mov r14, [rbp + MB + 0x18]                 # cr3
    mov cr3, r14
    test byte ptr [rbp + MB + 0x32], 0x40      # cr4.PKE
    jz 2f
    mov eax, [rbp + MB + 0x38]
    xor ecx, ecx
    xor edx, edx
    .byte 0x0f, 0x01, 0xef                     # wrpkru
2:
    mov r12, [rbp + MB + 0x10]
    lea r13, [rbp + REQUESTS]
loop:
    test r12, r12
    jz done
    mov rdi, [r13]
    mov ecx, [r13 + 8]
    mov rdx, [r13 + 16]
    test ch, 1                                 # op bit 8: full TLB flush before this access
    jz 3f
    mov cr3, r14
3:
    and ecx, 7
    test cl, 4
    jnz user
    cmp cl, 1
    je 4f
    cmp cl, 2
    je 5f
    mov rax, [rdi]                             # op 0 supervisor load
    jmp ok
4:  mov [rdi], rdx                             # op 1 supervisor store
    mov rax, rdx
    jmp ok
5:  jmp rdi                                    # op 2 supervisor exec, target: mov eax,imm32; int 0x30
ok:
    mov [r13 + 0x20], rax
    mov qword ptr [r13 + 0x28], -1
next:
    add r13, 64
    dec r12
    jmp loop
done:
    mov rax, [rbp + MB]
    mov [rbp + MB + 8], rax
    jmp poll
user:
    and ecx, 3
    shl ecx, 4
    lea rbx, [rbp + rcx + UALIAS + 0x5000]
    push 0x1b                                  # ss  rpl3
    push 0
    push 2                                     # rflags (IF=0)
    push 0x23                                  # cs  rpl3
    push rbx
    iretq

    .org 0x800                                 # 0x31 vector thunks, 16 bytes each
    .set v, 0
    .rept 0x31
    .balign 16
    .if (v == 8) || (v == 10) || (v == 11) || (v == 12) || (v == 13) || (v == 14) || (v == 17)
    .else
    push 0
    .endif
    push v
    jmp common
    .set v, v + 1
    .endr
    .balign 16
common:
    pop rcx                                    # vector
    pop rdx                                    # error code
    pop rbx                                    # rip
    lea rsp, [rbp + 0x4000]
    cmp ecx, 0x30
    je ok
    shl rcx, 32
    or rcx, rdx
    mov [r13 + 0x28], rcx
    mov rcx, cr2
    mov [r13 + 0x30], rcx
    jmp next

    .org 0x5000
    mov rax, [rdi]                             # user load
    int 0x30
    .org 0x5010
    mov [rdi], rdx                             # user store
    mov rax, rdx
    int 0x30
    .org 0x5020
    jmp rdi
    .org 0x5030
