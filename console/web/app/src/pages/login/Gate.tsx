import { Outlet, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { asProblem } from "../../api/problem";
import { useSession } from "../../api/session";
import { Frame } from "../../components/Frame";
import { Loading, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

/** Lets in who has a session; sends to the login with the way back; asks for a new password first. */
export function Gate() {
  const { data, error, isPending, refetch } = useSession();
  const { setLanguage } = useWords();
  const router = useRouter();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const language = data?.user.language;
  const left = error !== null && asProblem(error).status === 401;
  const mustChange = data?.user.must_change === true;
  useEffect(() => {
    if (language === "zh" || language === "en") setLanguage(language);
  }, [language, setLanguage]);
  useEffect(() => {
    // The address is read once, here: while the way leads on, it is that of the login already.
    const { href, pathname } = router.state.location;
    if (left && pathname !== "/login") void navigate({ to: "/login", search: { next: href } as never, replace: true });
  }, [left, navigate, router]);
  useEffect(() => {
    const { href, pathname } = router.state.location;
    if (!left && mustChange && pathname !== "/password") void navigate({ to: "/password", search: { next: href } as never, replace: true });
  }, [left, mustChange, navigate, path, router]);
  if (left || isPending) return <Loading />;
  if (data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />;
  if (mustChange) return path === "/password" ? <Outlet /> : <Loading />;
  return path === "/wall" ? <Outlet /> : <Frame />;
}
