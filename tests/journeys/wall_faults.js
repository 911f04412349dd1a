// What is wrong with the picture: scrollbars, text that is cut without an ellipsis, texts that overlap.
() => {
  const faults = [];
  const page = document.documentElement;
  if (page.scrollHeight > innerHeight + 1 || page.scrollWidth > innerWidth + 1) faults.push("the page scrolls");
  const wall = document.querySelector(".wall");
  const mayClip = ".two-lines, .clip, svg";
  for (const part of wall.querySelectorAll("*")) {
    const style = getComputedStyle(part);
    const taller = part.scrollHeight > part.clientHeight + 2 && part.clientHeight > 0;
    const wider = part.scrollWidth > part.clientWidth + 2 && part.clientWidth > 0;
    const clips = part.closest(mayClip);
    if (/auto|scroll/.test(style.overflowX + style.overflowY) && (taller || wider)) faults.push(`scrolls: ${part.className}`);
    if (!clips && ((style.overflowY === "hidden" && taller) || (style.overflowX === "hidden" && wider))) faults.push(`cut: ${part.className}`);
  }
  const lines = [];
  const walk = document.createTreeWalker(wall, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.textContent.trim() || node.parentElement.closest("title, .hidden")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const clip = node.parentElement.closest(".clip, .two-lines")?.getBoundingClientRect();
    for (const box of range.getClientRects()) {
      const line = { node, left: box.left, top: box.top, right: box.right, bottom: box.bottom };
      if (clip) {
        line.left = Math.max(line.left, clip.left);
        line.right = Math.min(line.right, clip.right);
        line.bottom = Math.min(line.bottom, clip.bottom);
      }
      if (line.right - line.left > 1 && line.bottom - line.top > 1) lines.push(line);
      if (line.right > innerWidth + 1 || line.bottom > innerHeight + 1 || line.left < -1 || line.top < -1) faults.push(`outside: ${node.textContent}`);
    }
  }
  lines.forEach((one, at) => {
    for (const other of lines.slice(at + 1)) {
      if (one.node === other.node || one.node.parentElement.closest(".letter") || other.node.parentElement.closest(".letter")) continue;
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      const least = Math.min(one.bottom - one.top, other.bottom - other.top);
      if (width > 2 && height > least * 0.35) faults.push(`overlap: ${one.node.textContent} / ${other.node.textContent}`);
    }
  });
  return faults;
}
