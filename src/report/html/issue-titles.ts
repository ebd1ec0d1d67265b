/** What the issues of the model `quality` mean to a person. */

export const ISSUE_TITLES: Readonly<Record<string, string>> = {
  blurry: 'Blurry',
  dark: 'Dark',
  bright: 'Bright',
  low_information: 'Almost nothing to see',
  grey: 'Without colour',
  odd_aspect: 'Very long or very high',
  odd_size: 'Much larger or smaller than usual',
  exact_duplicate: 'Copies of another image',
  near_duplicate: 'Near duplicates of another image',
};
