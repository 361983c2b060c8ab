// The tool's name and version, as written into what it makes. The version is package.json's; a test compares them.

export const VERSION = '0.1.0';

export const TOOL = `ann2snn ${VERSION}`;
