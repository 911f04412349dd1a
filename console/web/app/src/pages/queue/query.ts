import type { QueryWords } from "../../api/http";
import type { UrlWords } from "../../state/url";

export const TABS = ["active", "my", "new", "waiting", "closed", "all", "below"] as const;
export type Tab = (typeof TABS)[number];
export const PAGE_SIZE = 50;

export const tabOf = (words: UrlWords): Tab => TABS.find((tab) => tab === words.tab) ?? "active";

const STATUS: Record<Tab, string> = {
  active: "new,open,waiting",
  my: "new,open,waiting",
  new: "new",
  waiting: "waiting",
  closed: "closed",
  all: "",
  below: "new",
};

/** What a shift's budget covers is answered first; the rest has a tab of its own. */
const LINE: Partial<Record<Tab, string>> = { active: "above", new: "above", below: "below" };

/** The question to the API that the page's address stands for. */
export function queryOf(words: UrlWords): QueryWords<"/api/incidents"> {
  const tab = tabOf(words);
  return {
    status: words.status || STATUS[tab],
    owner: tab === "my" ? "me" : words.owner,
    severity: words.severity,
    run: words.run,
    origin: words.origin,
    unit: words.unit,
    line: LINE[tab],
    text: words.text,
    sort: words.sort ?? "-score",
    limit: PAGE_SIZE,
    offset: Number(words.offset ?? 0) || 0,
  };
}

export const list = (word: string | undefined): string[] => (word ? word.split(",") : []);
