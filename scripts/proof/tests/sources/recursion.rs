#[unsafe(no_mangle)]
extern "C" fn rt_bad(depth: u32) -> u32 {
    visit(depth, 2)
}

#[inline(never)]
fn visit(depth: u32, width: u32) -> u32 {
    if depth == 0 { width } else { visit(depth - 1, width) ^ visit(depth >> 1, width + 1) }
}
