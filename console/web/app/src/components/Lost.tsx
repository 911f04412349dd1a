import { Link } from "@tanstack/react-router";
import { useWords } from "../i18n";
import { Empty } from "./states";

export function Lost() {
  const { t } = useWords();
  return (
    <Empty title={t("web.state.no_page")}>
      <Link to="/">{t("web.state.home")}</Link>
    </Empty>
  );
}
