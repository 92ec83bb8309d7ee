import { nextTick } from "vue";
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from "vue-router";
import { onSignedOut } from "@/api/client";
import { inside } from "./inside";
import { forget, knowWho } from "./session";

const routes: RouteRecordRaw[] = [
  { path: "/sign-in", name: "sign-in", component: () => import("./pages/SignInPage.vue"), meta: { title: "Sign in", open: true } },
  { path: "/welcome", name: "welcome", component: () => import("./pages/WelcomePage.vue"), meta: { title: "Welcome", open: true } },
  { path: "/account", name: "account", component: () => import("./pages/AccountPage.vue"), meta: { title: "Your account" } },
  { path: "/people", name: "people", component: () => import("./pages/PeoplePage.vue"), meta: { title: "People" } },
  { path: "/", name: "overview", component: () => import("./pages/OverviewPage.vue"), meta: { title: "Overview" } },
  { path: "/comments", name: "comments", component: () => import("./pages/CommentsPage.vue"), meta: { title: "Comments" } },
  { path: "/comments/:id", name: "comment", component: () => import("./pages/CommentPage.vue"), meta: { title: "Comment" } },
  { path: "/signals", name: "signals", component: () => import("./pages/SignalsPage.vue"), meta: { title: "Signals" } },
  { path: "/signals/map", name: "signal-map", component: () => import("./pages/SignalMapPage.vue"), meta: { title: "Map of signals" } },
  {
    path: "/signals/known",
    name: "signals-known",
    component: () => import("./pages/KnownPage.vue"),
    meta: { title: "When could we have known?" },
  },
  { path: "/signals/rules", name: "signal-rules", component: () => import("./pages/SignalRulesPage.vue"), meta: { title: "False alarms" } },
  { path: "/signals/:id", name: "signal", component: () => import("./pages/SignalPage.vue"), meta: { title: "Signal" } },
  { path: "/review", name: "review", component: () => import("./pages/ReviewPage.vue"), meta: { title: "Review" } },
  { path: "/learning", name: "learning", component: () => import("./pages/LearningPage.vue"), meta: { title: "Learning" } },
  { path: "/learning/coding", name: "coding", component: () => import("./pages/CodingPage.vue"), meta: { title: "Read alone" } },
  { path: "/themes", name: "themes", component: () => import("./pages/ThemesPage.vue"), meta: { title: "Themes" } },
  {
    path: "/themes/discovered",
    name: "discovered",
    component: () => import("./pages/DiscoveredPage.vue"),
    meta: { title: "Discovered themes" },
  },
  { path: "/themes/:name", name: "theme", component: () => import("./pages/ThemePage.vue"), meta: { title: "Theme" } },
  { path: "/measures", name: "measures", component: () => import("./pages/MeasuresPage.vue"), meta: { title: "Measures" } },
  { path: "/import", name: "import", component: () => import("./pages/ImportPage.vue"), meta: { title: "Import" } },
  { path: "/import/:id", name: "imported", component: () => import("./pages/ImportedPage.vue"), meta: { title: "One import" } },
  { path: "/forms", name: "forms", component: () => import("./pages/FormsPage.vue"), meta: { title: "Forms and links" } },
  { path: "/cases", name: "cases", component: () => import("./pages/CasesPage.vue"), meta: { title: "Cases" } },
  { path: "/cases/:id", name: "case", component: () => import("./pages/CasePage.vue"), meta: { title: "Case" } },
  { path: "/keys", name: "keys", component: () => import("./pages/KeysPage.vue"), meta: { title: "Your keys" } },
  {
    path: "/keys/emergency",
    name: "break-glass",
    component: () => import("./pages/BreakGlassPage.vue"),
    meta: { title: "Opening in an emergency" },
  },
  { path: "/audit", name: "audit", component: () => import("./pages/AuditPage.vue"), meta: { title: "Audit" } },
  { path: "/retention", name: "retention", component: () => import("./pages/RetentionPage.vue"), meta: { title: "Retention" } },
  { path: "/actions", name: "actions", component: () => import("./pages/ActionsPage.vue"), meta: { title: "Actions" } },
  { path: "/actions/:id", name: "action", component: () => import("./pages/ActionPage.vue"), meta: { title: "Action" } },
  { path: "/library", name: "library", component: () => import("./pages/LibraryPage.vue"), meta: { title: "What worked" } },
  { path: "/praise", name: "praise", component: () => import("./pages/PraisePage.vue"), meta: { title: "Praise" } },
  { path: "/assurance", name: "assurance", component: () => import("./pages/AssurancePage.vue"), meta: { title: "Assurance levels" } },
  { path: "/returns", name: "returns", component: () => import("./pages/ReturnsPage.vue"), meta: { title: "Returns" } },
  { path: "/quality/:page?", name: "quality", component: () => import("./pages/QualityPage.vue"), meta: { title: "Quality" } },
  { path: "/reports", name: "reports", component: () => import("./pages/ReportsPage.vue"), meta: { title: "Reports" } },
  { path: "/feeds", name: "feeds", component: () => import("./pages/FeedsPage.vue"), meta: { title: "Feeds" } },
  { path: "/alerts", name: "alerts", component: () => import("./pages/AlertsPage.vue"), meta: { title: "Alerts" } },
  { path: "/subscriptions", name: "subscriptions", component: () => import("./pages/SubscriptionsPage.vue"), meta: { title: "Subscriptions" } },
  { path: "/digest", name: "digest", component: () => import("./pages/DigestPage.vue"), meta: { title: "Digest" } },
  { path: "/watching", name: "watching", component: () => import("./pages/WatchingPage.vue"), meta: { title: "Watching" } },
  { path: "/post", name: "post", component: () => import("./pages/PostPage.vue"), meta: { title: "Post" } },
  { path: "/publish", name: "publish", component: () => import("./pages/PublishPage.vue"), meta: { title: "Public page" } },
  {
    path: "/publish/new",
    name: "publish-new",
    component: () => import("./pages/NewPublicationPage.vue"),
    meta: { title: "Write for the public page" },
  },
  { path: "/publish/:id", name: "publication", component: () => import("./pages/PublicationPage.vue"), meta: { title: "On the public page" } },
  { path: "/work", name: "work", component: () => import("./pages/WorkPage.vue"), meta: { title: "Work" } },
  { path: "/:rest(.*)*", name: "lost", component: () => import("./pages/LostPage.vue"), meta: { title: "Page not found" } },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

/** Names the page in the browser's title. */
export function titlePage(title: string): void {
  document.title = `${title} – Earshot`;
}

router.beforeEach(async (to: RouteLocationNormalized) => {
  const person = await knowWho().catch(() => null);
  if (!person && !to.meta["open"]) return { name: "sign-in", query: { next: to.fullPath } };
  if (person && to.name === "sign-in") return inside(to.query["next"]);
  return true;
});

router.afterEach((to, from, failure) => {
  if (failure) return;
  titlePage(String(to.meta["title"] ?? "Earshot"));
  if (from.matched.length && to.path !== from.path) void focusHeading();
});

/** Moves the focus to the new page's title, so that a screen reader says where one is. */
async function focusHeading(): Promise<void> {
  await nextTick();
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

onSignedOut(() => {
  forget();
  const here = router.currentRoute.value;
  if (here.name !== "sign-in") void router.push({ name: "sign-in", query: { next: here.fullPath, ended: "true" } });
});
