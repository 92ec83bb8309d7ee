import type * as house from "./admin";
import type * as telling from "./alerts";
import type * as speakingUp from "./cases";
import type * as feeding from "./feeds";
import type * as keys from "./keys";
import type * as quality from "./quality";
import type * as reporting from "./reports";
import type * as posting from "./post";
import type * as returning from "./returns";
import type { components } from "./schema.gen";
import type * as signing from "./signing";
import type * as ours from "./types";

/**
 * Holds our nouns to the server's own description of its answers (`openapi.json`): a field that the server renames, drops or
 * gives another type stops `npm run check`. Ours may be narrower where the description only says "text".
 */
type Server = components["schemas"];
type Fits<Theirs, Ours extends Theirs> = Ours;

export type Checked = [
  Fits<Server["Me"], ours.Me>,
  Fits<Server["Overview"], ours.Overview>,
  Fits<Server["CommentPage"], ours.CommentPage>,
  Fits<Server["Themes"], ours.Themes>,
  Fits<Server["FrameworksOut"], ours.Frameworks>,
  Fits<Server["ThemeDetail"], ours.ThemeDetail>,
  Fits<Server["ClustersOut"], ours.Clusters>,
  Fits<Server["MeasureOut"], ours.Measure>,
  Fits<Server["Series"], ours.Series>,
  Fits<Server["MeasureUnit"], ours.MeasureUnit>,
  Fits<Server["PreviewOut"], ours.Preview>,
  Fits<Server["earshot__intake__imports_routes__ReportOut"], ours.Report>,
  Fits<Server["ImportOut"], ours.Import>,
  Fits<Server["ImportDetail"], ours.ImportDetail>,
  Fits<Server["LinkOut"], ours.Link>,
  Fits<Server["earshot__intake__links_routes__LinkIn"], ours.NewLink>,
  Fits<Server["WorkOut"], ours.Work>,
  Fits<Server["Org"], ours.Org>,
  Fits<Server["AuditOut"], house.Audit>,
  Fits<Server["RetentionOut"], house.Retention>,
  Fits<Server["HeldCaseOut"], house.HeldCase>,
  Fits<Server["CodesOut"], returning.ComplaintCodes>,
  Fits<Server["PackOut"], returning.ReturnPack>,
  Fits<Server["ReturnOut"], returning.ReturnNow>,
  Fits<Server["SentOut"], returning.ReturnSent>,
  Fits<Server["CorrectionOut"], ours.Correction>,
  Fits<Server["QueueOut"], ours.ReviewQueue>,
  Fits<Server["LearningOut"], ours.Learning>,
  Fits<Server["AgreementOut"], ours.Agreement>,
  Fits<Server["NextOut"], ours.NextCoding>,
  Fits<Server["DriftOut"], ours.Drift>,
  Fits<Server["SignalList"], ours.SignalList>,
  Fits<Server["SignalDetail"], ours.SignalDetail>,
  Fits<Server["ChangeIn"], ours.SignalChange>,
  Fits<Server["UsefulOut"], ours.Useful>,
  Fits<Server["SignalMap"], ours.SignalMap>,
  Fits<Server["Known"], ours.Known>,
  Fits<Server["RulesOut"], ours.SignalRules>,
  Fits<Server["RulesIn"], ours.NewSignalRules>,
  Fits<Server["PrecisionOut"], ours.Precision>,
  Fits<Server["MarkOut"], ours.ChartMark>,
  Fits<Server["TopSignals"], ours.TopSignals>,
  Fits<Server["CaseQueue"], speakingUp.CaseQueue>,
  Fits<Server["CaseDetail"], speakingUp.CaseDetail>,
  Fits<Server["CaseChoices"], speakingUp.CaseChoices>,
  Fits<Server["CaseIn"], speakingUp.CaseChange>,
  Fits<Server["NoteIn"], speakingUp.NewNote>,
  Fits<Server["HandOffIn"], speakingUp.NewHandOff>,
  Fits<Server["KeysOut"], keys.MyKeys>,
  Fits<Server["KeyLockIn"], keys.NewKeyLock>,
  Fits<Server["CaseLocksOut"]["locks"][number], keys.CaseLock>,
  Fits<Server["RotateIn"], keys.Rotation>,
  Fits<Server["GlassList"], keys.GlassList>,
  Fits<Server["GlassOpened"], keys.GlassOpened>,
  Fits<Server["SubscriptionIn"], telling.NewSubscription>,
  Fits<Server["SubscriptionOut"], telling.Subscription>,
  Fits<Server["SubscriptionMade"], telling.MadeSubscription>,
  Fits<Server["Choices"], telling.SubscriptionChoices>,
  Fits<Server["FeedOut"], telling.FeedAddresses>,
  Fits<Server["AlertList"], telling.AlertList>,
  Fits<Server["AlertCounts"], telling.AlertCount>,
  Fits<Server["WatchingOut"], telling.Watching>,
  Fits<Server["EscalationOut"], telling.Escalation>,
  Fits<Server["EscalationIn"], telling.NewEscalation>,
  Fits<Server["DigestOut"], posting.Digest>,
  Fits<Server["DigestList"], posting.PastDigests>,
  Fits<Server["DigestPreview"], posting.DigestPreview>,
  Fits<Server["MailsOut"], Pick<posting.PastDigests, "stopped">>,
  Fits<Server["PostOut"], posting.Post>,
  Fits<Server["Ways"], signing.Ways>,
  Fits<Server["AccountOut"], signing.Account>,
  Fits<Server["NewCodes"], signing.NewCodes>,
  Fits<Server["AccountListed"], signing.Person>,
  Fits<Server["Invitation"], signing.Invitation>,
  Fits<Server["SecondLookOut"], signing.SecondLook>,
  Fits<Server["QualityPage"], quality.QualityPage>,
  Fits<Server["QualityPageName"], quality.QualityPageName>,
  Fits<Server["earshot__publishing__report_routes__ReportOut"], reporting.QualityReport>,
  Fits<Server["ReportIn"], reporting.ReportAsk>,
  Fits<Server["KeyOut"], feeding.FeedKey>,
  Fits<Server["KeyIn"], feeding.NewFeedKey>,
  Fits<Server["NewKeyOut"], feeding.MadeFeedKey>,
  Fits<Server["ThemeGiven"], Extract<ours.NewCorrection, { kind: "theme" }>>,
  Fits<Server["SentimentGiven"], Extract<ours.NewCorrection, { kind: "sentiment" }>>,
  Fits<Server["RiskGiven"], Extract<ours.NewCorrection, { kind: "risk" }>>,
  Fits<Server["RedactionGiven"], Extract<ours.NewCorrection, { kind: "redaction" }>>,
  Fits<Server["CheckedGiven"], Extract<ours.NewCorrection, { kind: "checked" }>>,
];
