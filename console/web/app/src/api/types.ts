/** The words of the API under the names the console uses; their shape is that of the description. */
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Text = Schemas["Text"];
export type Entity = Schemas["Entity"];
export type Fact = Schemas["Fact"];
export type Alert = Schemas["Alert"];
export type CaseRow = Schemas["CaseRow"];
export type Case = Schemas["Case"];
export type CasePage = Schemas["CasePage"];
export type ScorePart = Schemas["ScorePart"];
export type Stage = Schemas["Stage"];
export type Act = Schemas["ActDone"];
export type ActKind = Act["kind"];
export type ActValues = Schemas["ActValues"];
export type Target = Schemas["Target"];
export type EntityKind = paths["/api/entities/{kind}/{value}"]["get"]["parameters"]["path"]["kind"];
export type Bucket = Schemas["Count"];
export type Story = Schemas["Story"];
export type StoryKind = Schemas["StoryKind"];
export type Sentence = Schemas["Sentence"];
export type Timeline = Schemas["Timeline"];
export type TimelineBar = Schemas["TimelineBar"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type DoneItem = Schemas["DoneItem"];
export type AlikeCase = Schemas["AlikeCase"];
export type IncidentGraph = Schemas["Graph"];
export type GraphNode = Schemas["GraphNode"];
export type GraphEdge = Schemas["GraphEdge"];
export type Severity = CaseRow["severity"];
export type Verdict = NonNullable<CaseRow["verdict"]>;

export type Playbook = Schemas["Playbook"];
export type PlaybookStep = Schemas["PlaybookStep"];
export type Run = Schemas["Run"];
export type RunStep = Schemas["StepResult"];

export type EventRecord = Record<string, unknown>;
export type EventMark = Schemas["EventMark"];
export type StoreAbout = Schemas["StoreAbout"];
export type RetroHunt = Schemas["RetroHunt"];
export type RetroFound = Schemas["RetroFound"];
export type StartRetroHunt = Schemas["StartRetroHunt"];
export type RetroEstimate = Schemas["Estimate"];
export type Histogram = Schemas["Histogram"];
export type Field = Schemas["FieldRow"];
export type Flow = Schemas["Flow"];
export type Packet = Schemas["Packet"];
export type Dissection = Schemas["Dissection"];

export type Rule = Schemas["Rule"];
export type Rules = Schemas["Rules"];
export type RulePage = Schemas["RulePage"];
export type RuleState = Rule["state"];
export type RefusedRule = Schemas["Refused"];
export type RuleActItem = Schemas["RuleAct"];
export type RuleSample = Schemas["Sample"];
export type RuleVersion = Schemas["Version"];
export type RuleStep = Schemas["Step"];
export type RuleMerge = Schemas["Merge"];
export type HitDay = Schemas["HitDay"];
export type CheckedText = Schemas["Checked"];
export type RuleProblem = Schemas["RuleProblem"];
export type BackTest = Schemas["BackTest"];
export type Guidance = Schemas["Guidance"];
export type AlertGuidance = Schemas["AlertGuidance"];
export type Pack = Schemas["Pack"];
export type PackPreview = Schemas["PackPreview"];
export type PackChange = Schemas["PackChange"];
export type Conformity = Schemas["Conformity"];
export type Finding = Schemas["Finding"];
export type ControlUnit = Schemas["ControlRow"];
export type Compliance = Schemas["Compliance"];

export type StepScore = Schemas["StepScore"];
export type Scorecard = Schemas["Scorecard"];
export type Job = Schemas["Job"];
export type Joint = Schemas["Joint"];
export type Health = Schemas["Health"];

export type Asset = Schemas["Asset"];
export type Inventory = Schemas["Inventory"];
export type AuditEntry = Schemas["AuditEntry"];
export type Session = Schemas["Session"];
export type SessionUser = Schemas["SessionUser"];
export type Role = SessionUser["roles"][number];

export type Situation = Schemas["Situation"];
export type Gauge = Schemas["Gauge"];
export type GaugeBrief = Schemas["GaugeBrief"];
export type GaugePart = Schemas["GaugePart"];
export type GaugeItem = Schemas["GaugeItem"];
export type ScopeRow = Schemas["ScopeRow"];
export type SituationUnit = Schemas["UnitRow"];
export type Outlook = Schemas["Outlook"];
export type Attacks = Schemas["Attacks"];
export type AttackPlace = Schemas["AttackPlace"];
export type Warned = Schemas["Warning"];
export type WarningDeed = Schemas["WarningDeedRequest"]["deed"];

export type SystemRow = Schemas["SystemRow"];
export type FiledSystem = Schemas["SystemPage"];
export type SystemItem = Schemas["ItemRow"];
export type SystemItemPage = Schemas["ItemPage"];
export type SystemRun = Schemas["RunRow"];
export type SystemTask = Schemas["Task"];
export type SplitDone = Schemas["SplitDone"];
