// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { RuleProblem } from "../../api/types";
import { LanguageProvider } from "../../i18n";
import { Problems } from "./Problems";

afterEach(cleanup);

const problem: RuleProblem = { line: 12, column: 5, message: "no such field", message_zh: "没有这个字段", severity: "error", where: "x.yml:12", next: "Name another", next_zh: "", rule: "r" };

it("tells what is wrong with its line, and leads there", () => {
  const onGo = vi.fn();
  render(
    <LanguageProvider>
      <Problems problems={[problem, { ...problem, line: 3, severity: "warning" }]} onGo={onGo} />
    </LanguageProvider>,
  );
  const rows = screen.getAllByRole("button");
  expect(rows[0]?.textContent).toContain("12:5");
  expect(rows[0]?.textContent).toContain("Name another");
  fireEvent.click(rows[1] as Element);
  expect(onGo).toHaveBeenCalledWith(3);
});

it("is not there when nothing is wrong", () => {
  const { container } = render(
    <LanguageProvider>
      <Problems problems={[]} onGo={vi.fn()} />
    </LanguageProvider>,
  );
  expect(container.innerHTML).toBe("");
});
