// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Rule } from "../../api/types";
import { LanguageProvider } from "../../i18n";
import { columns, coverage } from "./coverage";
import { CoverageMap } from "./CoverageMap";

afterEach(cleanup);

const rule = { id: "r", techniques: ["T1071.001"], tactics: ["command-and-control"], state: "stable", health: "live", hits_30d: 7 } as unknown as Rule;

function show(only?: string) {
  const onOpen = vi.fn();
  render(
    <LanguageProvider>
      <CoverageMap columns={columns(coverage([rule]), only)} onOpen={onOpen} />
    </LanguageProvider>,
  );
  return onOpen;
}

it("tells in words what a colour shows", () => {
  show("live");
  expect(screen.getByRole("button").getAttribute("aria-label")).toMatch(/T1071.*1.*7/);
});

it("has one cell in the tab order, and arrows move between cells", () => {
  show();
  const cells = screen.getAllByRole("button");
  expect(cells.filter((cell) => cell.tabIndex === 0)).toHaveLength(1);
  cells[0]?.focus();
  fireEvent.keyDown(cells[0] as Element, { key: "ArrowDown" });
  expect(document.activeElement).toBe(cells[1]);
  fireEvent.keyDown(cells[1] as Element, { key: "ArrowRight" });
  expect(document.activeElement?.getAttribute("data-at")).toBe("1.1");
});

it("jumps over tactics that have nothing to show", () => {
  show("live");
  const only = screen.getByRole("button");
  fireEvent.keyDown(only, { key: "ArrowRight" });
  expect(only.tabIndex).toBe(0);
});

it("opens the rules of a technique", () => {
  const onOpen = show("live");
  fireEvent.click(screen.getByRole("button"));
  expect(onOpen).toHaveBeenCalledWith("T1071");
});
