import { lazy, Suspense, type ComponentProps } from "react";
import { Loading } from "../states";

/** The editor's library comes only with the first page that shows code. */
const Editor = lazy(() => import("./CodeEditor"));
const Diff = lazy(() => import("./CodeDiff"));

export const Code = (props: ComponentProps<typeof Editor>) => (
  <Suspense fallback={<Loading />}>
    <Editor {...props} />
  </Suspense>
);

export const SideBySide = (props: ComponentProps<typeof Diff>) => (
  <Suspense fallback={<Loading />}>
    <Diff {...props} />
  </Suspense>
);
