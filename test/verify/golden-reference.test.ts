// ResNet-20's golden cases on the reference engine: 20 seconds of plain TypeScript.
import { describe, it } from 'vitest';
import { reference } from '../../src/engines/reference/index.ts';
import { expectLikeGolden } from '../engines/expect-golden.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';

describe.skipIf(withoutShared)(`golden ResNet-20 on the reference engine ${NEEDS_SHARED}`, () => {
  it.each(['resnet20_css_T12_b1.5_Ts1', 'resnet20_canonical_T8_b2_Ts1'])('%s', async (name) => {
    const golden = await loadGolden(name);
    const compiled = await reference.compile(golden.network);
    expectLikeGolden(golden, await compiled.run(golden.images));
  });
});
