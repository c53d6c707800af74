/** AT_HWCAP on x86: CPUID leaf 1, edx. What cpu/helpers/cpuid.ts reports, as the auxiliary vector shows it. */
export const cpuFeatures = 0x07888131;
