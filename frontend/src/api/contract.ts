import type { components } from "./schema.gen";
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
  Fits<Server["ThemeDetail"], ours.ThemeDetail>,
  Fits<Server["ClustersOut"], ours.Clusters>,
  Fits<Server["MeasureOut"], ours.Measure>,
  Fits<Server["Series"], ours.Series>,
  Fits<Server["MeasureUnit"], ours.MeasureUnit>,
  Fits<Server["PreviewOut"], ours.Preview>,
  Fits<Server["ReportOut"], ours.Report>,
  Fits<Server["ImportOut"], ours.Import>,
  Fits<Server["ImportDetail"], ours.ImportDetail>,
  Fits<Server["LinkOut"], ours.Link>,
  Fits<Server["LinkIn"], ours.NewLink>,
  Fits<Server["WorkOut"], ours.Work>,
  Fits<Server["Org"], ours.Org>,
];
