import { useEffect } from "react";
import { useWords } from "../i18n";

/** The browser tab's title: the page, then the product. */
export function useTitle(title: string): void {
  const { t } = useWords();
  useEffect(() => {
    document.title = title ? `${title} · ${t("web.product")}` : t("web.product");
  }, [title, t]);
}
