// The weight rows that one output position adds: what both gathers walk. Spikes of neighbouring positions are neighbours in
// `rows`, and a row there differs from the row of the weights by a number that depends on the window alone. So a line
// of the window is one run of rows, moved by one number.
//
// What was tried (EPYC, Node 20, November 2026; ResNet-20, T 8, 1.6 spikes a neuron, all gathers of an image):
// - Tap by tap, as runs of a dilated window still are: 5.9 ms. So: 4.2.

/**
 * Writes the byte offset of the weight row of every spike seen from (y, x) to `list`, in the order (ky, kx, spike), and
 * returns the end of the list. Four vectors at a time: up to SLACK_BYTES are read and written behind the last.
 */
export function windowRows(
  list: usize,
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  perPosition: i32,
  y: i32,
  x: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  dilationY: i32,
  dilationX: i32,
  rowBytes: i32,
): usize {
  const bytes = i32x4.splat(rowBytes);
  // Taps of a line that are seen at one go, and how far apart their positions are.
  const run = dilationX == 1 ? kernelWidth : 1;
  for (let ky = 0, tapY = 0; ky < kernelHeight; ky++, y += dilationY, tapY += kernelWidth) {
    if (<u32>y >= <u32>height) continue;
    const line = y * width;
    for (let kx = 0, inputX = x; kx < kernelWidth; kx += run, inputX += dilationX) {
      const left = max(inputX, 0);
      const right = min(inputX + run, width);
      if (left >= right) continue;
      const from = load<i32>(starts + ((line + left) << 2));
      const count = (load<i32>(starts + ((line + right) << 2)) - from) << 2;
      const source = rows + (from << 2);
      const moved = i32x4.splat((tapY + kx - line - inputX) * perPosition);
      // The first sixteen without asking: how many there are is hard to predict.
      let i = 0;
      do {
        put(list + i, source + i, moved, bytes);
        put(list + i + 16, source + i + 16, moved, bytes);
        put(list + i + 32, source + i + 32, moved, bytes);
        put(list + i + 48, source + i + 48, moved, bytes);
        i += 64;
      } while (i < count);
      list += count;
    }
  }
  return list;
}

function put(list: usize, source: usize, moved: v128, bytes: v128): void {
  v128.store(list, i32x4.mul(i32x4.add(v128.load(source), moved), bytes));
}
