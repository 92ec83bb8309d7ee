import type { Plugin } from "postcss";

/**
 * PostCSS plugin that leaves the browser's own "clear" cross in search fields.
 *
 * nhsuk-frontend draws its own from a picture, which would be one more request for every page with a search field.
 */
export function browserOwn(): Plugin {
  return {
    postcssPlugin: "earshot-browser-own",
    Rule(rule) {
      if (rule.selector.includes("::-webkit-search-cancel-button")) rule.remove();
    },
  };
}
