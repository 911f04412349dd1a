// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Marked, marksOf } from "./Marked";

afterEach(cleanup);

const mark = (start: number, end: number, field = "message", index = 0) => ({ field, index, start, end });

describe("marked text", () => {
  it("marks runs and keeps all of the text", () => {
    const { container } = render(<Marked text="a mail to example" marks={[mark(2, 6), mark(10, 17)]} />);
    expect(container.textContent).toBe("a mail to example");
    expect([...container.querySelectorAll("mark")].map((one) => one.textContent)).toEqual(["mail", "example"]);
  });
  it("shows hostile text as text", () => {
    const text = "<img src=x onerror=alert(1)>";
    const { container } = render(<Marked text={text} marks={[mark(0, text.length)]} />);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toBe(text);
  });
  it("bears marks that overlap or lie outside", () => {
    const { container } = render(<Marked text="abcdef" marks={[mark(0, 3), mark(1, 2), mark(2, 4), mark(9, 12)]} />);
    expect(container.textContent).toBe("abcdef");
  });
  it("keeps the values of a field apart", () => {
    const all = [mark(0, 1), mark(0, 1, "message", 1), mark(0, 1, "user.name")];
    expect(marksOf(all, "message", 1)).toEqual([all[1]]);
  });
});
