/* Hides AVX-512, AVX-VNNI and AMX from a program, so that it runs as on a processor with AVX2 alone:
 *
 *   cc -O2 -shared -fPIC -o hide_avx512.so benches/hide_avx512.c && LD_PRELOAD=$PWD/hide_avx512.so PROGRAM
 *
 * The kernel makes the instruction `cpuid` fault (arch_prctl(2), ARCH_SET_CPUID; Intel since Ivy Bridge, AMD since Zen 4, flag
 * cpuid_fault of /proc/cpuinfo). The handler executes it and clears the bits. Every program is measured in the same way, peers
 * that have no switch of their own as well. Without the flag the program does not start. One that handles SIGSEGV itself ends. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012

/* Bits of “Intel 64 and IA-32 architectures software developer's manual”, volume 2A, CPUID: leaf 7. */
#define AVX512_EBX (1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31)
#define AVX512_ECX (1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14)
#define AVX512_AND_AMX_EDX (1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25)
#define VNNI_AND_AMX_EAX_1 (1u << 4 | 1u << 5 | 1u << 21 | 1u << 23)
#define VNNI_AND_AVX10_EDX_1 (1u << 4 | 1u << 5 | 1u << 10 | 1u << 19)

static void let_cpuid_fault(int fault) { syscall(SYS_arch_prctl, ARCH_SET_CPUID, !fault); }

static void answer(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *instruction = (const unsigned char *)registers[REG_RIP];
    if (info->si_code != SI_KERNEL || instruction[0] != 0x0f || instruction[1] != 0xa2) {
        /* Some other fault: it happens again, and ends the program. */
        struct sigaction usual = {.sa_handler = SIG_DFL};
        sigaction(signal, &usual, NULL);
        return;
    }
    unsigned leaf = (unsigned)registers[REG_RAX], part = (unsigned)registers[REG_RCX], eax, ebx, ecx, edx;
    let_cpuid_fault(0);
    __cpuid_count(leaf, part, eax, ebx, ecx, edx);
    let_cpuid_fault(1);
    if (leaf == 7 && part == 0) {
        ebx &= ~AVX512_EBX;
        ecx &= ~AVX512_ECX;
        edx &= ~AVX512_AND_AMX_EDX;
    } else if (leaf == 7 && part == 1) {
        eax &= ~VNNI_AND_AMX_EAX_1;
        edx &= ~VNNI_AND_AVX10_EDX_1;
    }
    registers[REG_RAX] = eax;
    registers[REG_RBX] = ebx;
    registers[REG_RCX] = ecx;
    registers[REG_RDX] = edx;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) != 0) {
        fputs("hide_avx512: this system can't make the instruction cpuid fault\n", stderr);
        exit(1);
    }
}
