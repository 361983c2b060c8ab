// Energy of a memory access by the size of the memory: what compute-only figures leave out.
import type { MemoryModel } from './memory-model.ts';

export const memory45nm = {
  name: '45 nm SRAM by size',
  source:
    'E. Lemaire et al., An Analytical Estimation of Spiking Neural Networks Energy Efficiency, 2022: a 32-bit access to 8 KiB 10 pJ, 32 KiB 20 pJ, 1 MiB 100 pJ, linear between, constant outside',
  accessPj: [
    { bytes: 8 * 1024, pj: 10 },
    { bytes: 32 * 1024, pj: 20 },
    { bytes: 1024 * 1024, pj: 100 },
  ],
} as const satisfies MemoryModel;
