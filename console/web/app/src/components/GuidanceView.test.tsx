// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Guidance } from "../api/types";
import { LanguageProvider } from "../i18n";
import { around, Credit, GuidanceView } from "./GuidanceView";

afterEach(cleanup);

const text = (en: string) => ({ key: "", values: {}, zh: en, en });
const guidance: Guidance = {
  means: text("a means"),
  harmless: text(""),
  act: text("an act"),
  check: [{ question: text("who else?"), query: "source.ip:{source.ip}", missing: [] }],
  gbt20986: [],
  units: [],
};

const show = (element: React.ReactNode) => render(<LanguageProvider>{element}</LanguageProvider>);

it("shows what is there and no empty headings", () => {
  show(<GuidanceView guidance={guidance} />);
  expect(screen.getByText("a means")).toBeTruthy();
  expect(screen.getByText("who else?")).toBeTruthy();
  expect(screen.getByText("an act")).toBeTruthy();
  expect(screen.getAllByRole("heading")).toHaveLength(3);
});

it("does not make a link of a query that no event has filled", () => {
  show(<GuidanceView guidance={guidance} />);
  expect(screen.queryByRole("link")).toBeNull();
  expect(screen.getByText("source.ip:{source.ip}")).toBeTruthy();
});

it("asks a day around the alert", () => {
  expect(around("2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z")).toEqual({ since: "2026-03-09T12:00:00.000Z", until: "2026-03-11T13:00:00.000Z" });
});

it("names author and licence of the rule behind a match", () => {
  show(<Credit author="A. Author" licence="DRL-1.1" />);
  expect(screen.getByText(/A\. Author.*DRL-1\.1/)).toBeTruthy();
});
