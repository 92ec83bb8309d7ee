-- Publications: what was approved for the public page.
SELECT 1;
