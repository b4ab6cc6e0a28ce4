# The referee's stub for x86 with PAE paging, in 32-bit code. tools/stubs assembles it.
#
# rom   the last 256 bytes below 4 GiB: from the reset vector to 32-bit code with paging
# stub  the host copies it to H, a multiple of 2 MiB, and it runs at va SV
#
# The mailbox and the requests are those of x86-long.S.
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
    .byte 0x66, 0xea                          # ljmp 0x08:0xffffff00+...
    .long 0xffffff00 + (pm32 - rom_start)
    .word 0x08
.code32
pm32:
    mov ax, 0x10
    mov ds, ax
    mov ss, ax
    mov ebx, 0x00008000                       # BOOT block: +0 cr4, +4 cr3, +8 eip
    mov eax, [ebx]
    mov cr4, eax
    mov eax, [ebx+4]
    mov cr3, eax
    mov ecx, 0xc0000080
    mov eax, 0x800                            # NXE
    xor edx, edx
    wrmsr
    mov eax, 0x80010033
    mov cr0, eax
    jmp dword ptr [ebx+8]
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff                  # 08 code32
    .quad 0x00cf93000000ffff                  # 10 data
gdtr:
    .word 0x17
    .long 0xffffff00 + (gdt - rom_start)
    .org 0xf0
    .byte 0xe9                                # jmp rel16 -> rom_start
    .word 0xff00 - 0xfff3
    .org 0x100

.section .stub, "ax"
.code32
# 0x0000 code, 0x1000 GDT, GDTR, IDTR, TSS, 0x2000 IDT, 0x4000 top of the stack, 0x5000 user code
.equ SV, 0xc0000000
.equ MB, 0x8000
.equ REQUESTS, 0x10000
.equ LEFT, 0x6000                              # requests that are left
.equ UALIAS, 0x200000                          # user alias of the same 2 MiB
stub:
    mov ebp, SV
    lgdt [ebp + 0x1100]
    lidt [ebp + 0x1110]
    mov ax, 0x28
    ltr ax
    mov ax, 0x1b                               # of ring 3, or the way there would clear them
    mov ds, ax
    mov es, ax
    mov ax, 0x10
    mov ss, ax
    lea esp, [ebp + 0x4000]
    push 0x08
    lea eax, [ebp + (poll - stub)]
    push eax
    .byte 0xcb                                 # lretd
poll:
    pause
    mov eax, [ebp + MB]
    cmp eax, [ebp + MB + 8]
    je poll
    mov eax, [ebp + MB + 0x20]                 # efer
    xor edx, edx
    mov ecx, 0xc0000080
    wrmsr
    mov eax, [ebp + MB + 0x28]
    mov cr0, eax
    mov eax, [ebp + MB + 0x30]
    mov cr4, eax
    mov eax, [ebp + MB + 0x18]
    mov cr3, eax
    mov eax, [ebp + MB + 0x10]
    mov [ebp + LEFT], eax
    lea esi, [ebp + REQUESTS]
loop:
    cmp dword ptr [ebp + LEFT], 0
    je done
    mov edi, [esi]
    mov ecx, [esi + 8]
    test ch, 1                                 # op bit 8: full TLB flush before this access
    jz 3f
    mov eax, [ebp + MB + 0x18]
    mov cr3, eax
3:
    mov eax, [esi + 16]
    mov edx, [esi + 20]
    and ecx, 7
    test cl, 4
    jnz user
    cmp cl, 1
    je 4f
    cmp cl, 2
    je 5f
    mov eax, [edi]                             # op 0 supervisor load
    mov edx, [edi + 4]
    jmp ok
4:  mov [edi], eax                             # op 1 supervisor store
    mov [edi + 4], edx
    jmp ok
5:  xor edx, edx
    jmp edi                                    # op 2 supervisor exec, target: mov eax,imm32; int 0x30
ok:
    mov [esi + 0x20], eax
    mov [esi + 0x24], edx
    mov dword ptr [esi + 0x28], -1
    mov dword ptr [esi + 0x2c], -1
next:
    add esi, 64
    dec dword ptr [ebp + LEFT]
    jmp loop
done:
    mov eax, [ebp + MB]
    mov edx, [ebp + MB + 4]
    mov [ebp + MB + 12], edx
    mov [ebp + MB + 8], eax
    jmp poll
user:
    and ecx, 3
    shl ecx, 4
    lea ebx, [ebp + ecx + UALIAS + 0x5000]
    push 0x1b                                  # ss  rpl3
    push 0
    push 2                                     # eflags (IF=0)
    push 0x23                                  # cs  rpl3
    push ebx
    iretd

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
    pop ecx                                    # vector
    pop ebx                                    # error code
    lea esp, [ebp + 0x4000]
    cmp ecx, 0x30
    je ok
    mov [esi + 0x28], ebx
    mov [esi + 0x2c], ecx
    mov ecx, cr2
    mov [esi + 0x30], ecx
    mov dword ptr [esi + 0x34], 0
    jmp next

    .org 0x5000
    mov eax, [edi]                             # user load
    mov edx, [edi + 4]
    int 0x30
    .org 0x5010
    mov [edi], eax                             # user store
    mov [edi + 4], edx
    int 0x30
    .org 0x5020
    xor edx, edx
    jmp edi
    .org 0x5030
