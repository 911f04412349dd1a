// @vitest-environment happy-dom
import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { bindingsNow, useKeys, type Binding } from "./keys";

afterEach(cleanup);

function Keys({ bindings }: { bindings: Binding[] }) {
  useKeys(bindings);
  return <input aria-label="box" />;
}

const bind = (keys: string, run: () => void): Binding => ({ keys, label: "web.keys.help", run });

it("runs single keys, sequences and the palette", () => {
  const [down, go, find] = [vi.fn(), vi.fn(), vi.fn()];
  render(<Keys bindings={[bind("j", down), bind("g q", go), bind("Ctrl-k", find)]} />);
  fireEvent.keyDown(document.body, { key: "j" });
  fireEvent.keyDown(document.body, { key: "g" });
  fireEvent.keyDown(document.body, { key: "q" });
  fireEvent.keyDown(document.body, { key: "K", ctrlKey: true });
  expect([down, go, find].map((run) => run.mock.calls.length)).toEqual([1, 1, 1]);
});

it("leaves typing alone, but not the palette", () => {
  const [down, find] = [vi.fn(), vi.fn()];
  const { getByLabelText } = render(<Keys bindings={[bind("j", down), bind("Ctrl-k", find)]} />);
  fireEvent.keyDown(getByLabelText("box"), { key: "j" });
  fireEvent.keyDown(getByLabelText("box"), { key: "k", ctrlKey: true });
  expect(down).not.toHaveBeenCalled();
  expect(find).toHaveBeenCalledOnce();
});

it("lets an inner layer hide the same key, and gives it back", () => {
  const [outer, inner] = [vi.fn(), vi.fn()];
  render(<Keys bindings={[bind("Escape", outer)]} />);
  const over = render(<Keys bindings={[bind("Escape", inner)]} />);
  fireEvent.keyDown(document.body, { key: "Escape" });
  over.unmount();
  fireEvent.keyDown(document.body, { key: "Escape" });
  expect([inner.mock.calls.length, outer.mock.calls.length]).toEqual([1, 1]);
  expect(bindingsNow()).toHaveLength(1);
});
