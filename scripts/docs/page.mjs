// What is in a page of Markdown: programs, headings, links.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const FENCE = /^( *)```([^\n]*)\n(.*?)^\1```$/gms;

/** Fenced blocks: `{ language, name, text }`; the name is what follows the language, '' if nothing does. */
export function blocks(page) {
  return [...page.matchAll(FENCE)].map(([, , information, text]) => {
    const [language = '', name = ''] = information.trim().split(/\s+/);
    return { language, name, text };
  });
}

/** Programs for a browser, by the name of their file; one without a name, or a name that is there twice, is refused. */
export function programs(page) {
  const found = {};
  for (const { language, name, text } of blocks(page)) {
    if (language !== 'js' && language !== 'html') continue;
    if (name === '') throw new Error(`A ${language} block has no name of a file, so nothing can run it:\n${text}`);
    if (name in found) throw new Error(`There are two blocks called ${name}.`);
    found[name] = text;
  }
  return found;
}

/** The codes that have a section of their own. */
export function errorSections(page) {
  return [...page.matchAll(/^### `([^`]*)`$/gm)].map(([, code]) => code);
}

/** What is wrong with the sections, given the codes that there are; empty if nothing is. */
export function sectionComplaints(page, codes) {
  const sections = errorSections(page);
  return [
    ...codes.filter((code) => !sections.includes(code)).map((code) => `${code} has no section.`),
    ...sections.filter((code) => !codes.includes(code)).map((code) => `There is a section on ${code}, and no such code.`),
    ...sections.filter((code, place) => sections.indexOf(code) !== place).map((code) => `${code} has two sections.`),
  ];
}

const withoutBlocks = (page) => page.replace(FENCE, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page) {
  return [...withoutBlocks(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => (
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
  ));
}

/** Links of the page at `path` that lead to no file and no heading of the repository. */
export function brokenLinks(path) {
  const page = withoutBlocks(readFileSync(path, 'utf8'));
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [place, anchor] = link.split('#');
    const file = place === '' ? path : resolve(dirname(path), place);
    return !existsSync(file) || (anchor !== undefined && !anchors(readFileSync(file, 'utf8')).includes(anchor));
  });
}
