// The weight rows that one output position adds: what both gathers walk.
//
// Writing the first four of a tap without asking how many there are made gathers 2 to 9 % faster, most where rows are few.

/**
 * Writes the byte offset of the weight row of every spike seen from (y, x) to `list`, in the order (ky, kx, spike), and
 * returns the end of the list. Four at a time: up to SLACK_BYTES are read and written behind the last.
 */
export function listRows(
  list: usize,
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  rowsPerTap: i32,
  y: i32,
  x: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  dilationY: i32,
  dilationX: i32,
  rowBytes: i32,
): usize {
  const bytes = i32x4.splat(rowBytes);
  for (let ky = 0, tapY = 0; ky < kernelHeight; ky++, y += dilationY, tapY += kernelWidth) {
    if (<u32>y >= <u32>height) continue;
    for (let kx = 0, inputX = x; kx < kernelWidth; kx++, inputX += dilationX) {
      if (<u32>inputX >= <u32>width) continue;
      const position = starts + ((y * width + inputX) << 2);
      const from = load<i32>(position);
      const count = (load<i32>(position, 4) - from) << 2;
      const source = rows + (from << 2);
      const firstRow = i32x4.splat((tapY + kx) * rowsPerTap);
      // The first four without asking: how many there are is hard to predict.
      v128.store(list, i32x4.mul(i32x4.add(v128.load(source), firstRow), bytes));
      for (let i = 16; i < count; i += 16) {
        v128.store(list + i, i32x4.mul(i32x4.add(v128.load(source + i), firstRow), bytes));
      }
      list += count;
    }
  }
  return list;
}
