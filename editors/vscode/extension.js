// The client of `lamplighter lsp`: it starts the program, and the rest is said between the two.

const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const settings = workspace.getConfiguration("lamplighter");
  const server = { command: settings.get("path"), args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("lamplighter", "Lamplighter", server, {
    documentSelector: [{ language: "lamplighter" }],
    initializationOptions: { docs: settings.get("docs") || null },
  });
  return client.start();
};

exports.deactivate = () => client?.stop();
