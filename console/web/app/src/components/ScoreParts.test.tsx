// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { ScorePart } from "../api/types";
import { LanguageProvider } from "../i18n";
import { ScoreParts } from "./ScoreParts";

afterEach(cleanup);

const text = (en: string) => ({ key: "", values: {}, zh: en, en });
const part = (name: string, points: number): ScorePart => ({ name, points, rule: "", alerts: 0, title: null, why: text(`why ${name}`) });
const parts = [part("one", 70), part("two", 50), part("three", 6), part("four", 4), part("above", -30)];

it("sums the rest without what is taken off, which stands by itself", () => {
  render(
    <LanguageProvider>
      <ScoreParts parts={parts} score={100} most={2} />
    </LanguageProvider>,
  );
  expect(screen.getByText("+10")).toBeTruthy();
  expect(screen.getByText("−30")).toBeTruthy();
  expect(screen.queryByText("+6")).toBeNull();
  fireEvent.click(screen.getByRole("button"));
  expect(screen.getByText("+6")).toBeTruthy();
  expect(screen.getByText("−30")).toBeTruthy();
});
