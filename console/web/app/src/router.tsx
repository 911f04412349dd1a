import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from "@tanstack/react-router";
import { Home } from "./components/Home";
import { Lost } from "./components/Lost";
import { Loading, ProblemView } from "./components/states";
import { Gate } from "./pages/login/Gate";
import { parseWords, writeWords, type UrlWords } from "./state/url";

const root = createRootRoute({
  validateSearch: (words: Record<string, unknown>) => words as UrlWords,
  notFoundComponent: Lost,
});

const at = <Path extends string>(path: Path) => ({ getParentRoute: () => inside, path }) as const;

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("./pages/login/LoginPage"), "LoginPage"),
});

const inside = createRoute({ getParentRoute: () => root, id: "inside", component: Gate });

const routes = [
  createRoute({ ...at("/"), component: Home }),
  createRoute({ ...at("/password"), component: lazyRouteComponent(() => import("./pages/login/PasswordPage"), "PasswordPage") }),
  createRoute({ ...at("/situation"), component: lazyRouteComponent(() => import("./pages/situation/SituationPage"), "SituationPage") }),
  createRoute({ ...at("/wall"), component: lazyRouteComponent(() => import("./pages/wall/WallPage"), "WallPage") }),
  createRoute({ ...at("/queue"), component: lazyRouteComponent(() => import("./pages/queue/QueuePage"), "QueuePage") }),
  createRoute({ ...at("/incidents/$id"), component: lazyRouteComponent(() => import("./pages/incident/IncidentPage"), "IncidentPage") }),
  createRoute({ ...at("/hunt"), component: lazyRouteComponent(() => import("./pages/hunt/HuntPage"), "HuntPage") }),
  createRoute({ ...at("/hunt/retro"), component: lazyRouteComponent(() => import("./pages/retro/RetroPage"), "RetroPage") }),
  createRoute({ ...at("/flows/$id"), component: lazyRouteComponent(() => import("./pages/flow/FlowPage"), "FlowPage") }),
  createRoute({ ...at("/entities/$kind/$value"), component: lazyRouteComponent(() => import("./pages/entity/EntityPage"), "EntityPage") }),
  createRoute({ ...at("/detections"), component: lazyRouteComponent(() => import("./pages/detections/RulesPage"), "RulesPage") }),
  createRoute({ ...at("/detections/coverage"), component: lazyRouteComponent(() => import("./pages/detections/CoveragePage"), "CoveragePage") }),
  createRoute({ ...at("/detections/packs"), component: lazyRouteComponent(() => import("./pages/detections/PacksPage"), "PacksPage") }),
  createRoute({ ...at("/detections/editor"), component: lazyRouteComponent(() => import("./pages/detections/EditorPage"), "EditorPage") }),
  createRoute({ ...at("/detections/rules/$id"), component: lazyRouteComponent(() => import("./pages/detections/RulePage"), "RulePage") }),
  createRoute({ ...at("/compliance"), component: lazyRouteComponent(() => import("./pages/compliance/CompliancePage"), "CompliancePage") }),
  createRoute({ ...at("/compliance/systems/$id"), component: lazyRouteComponent(() => import("./pages/compliance/FiledSystemPage"), "FiledSystemPage") }),
  createRoute({ ...at("/drills"), component: lazyRouteComponent(() => import("./pages/drills/DrillsPage"), "DrillsPage") }),
  createRoute({ ...at("/drills/$id"), component: lazyRouteComponent(() => import("./pages/drills/ScorecardPage"), "ScorecardPage") }),
  createRoute({ ...at("/playbooks"), component: lazyRouteComponent(() => import("./pages/playbooks/PlaybooksPage"), "PlaybooksPage") }),
  createRoute({ ...at("/assets"), component: lazyRouteComponent(() => import("./pages/assets/AssetsPage"), "AssetsPage") }),
  createRoute({ ...at("/system"), component: () => <Navigate to="/system/$part" params={{ part: "health" }} replace /> }),
  createRoute({ ...at("/system/$part"), component: lazyRouteComponent(() => import("./pages/system/SystemPage"), "SystemPage") }),
];

export const router = createRouter({
  routeTree: root.addChildren([login, inside.addChildren(routes)]),
  parseSearch: parseWords,
  stringifySearch: writeWords,
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <ProblemView error={error} onRetry={reset} />,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
