using System.Globalization;
using ActivityConnector.Fuzz;

// fuzz MINUTES [TARGET] [--keep FOLDER]
var keepAt = Array.IndexOf(args, "--keep");
var keep = keepAt >= 0 ? args[keepAt + 1] : null;
string[] rest = keepAt >= 0 ? [.. args[..keepAt], .. args[(keepAt + 2)..]] : args;
var minutes = rest.Length > 0 ? double.Parse(rest[0], CultureInfo.InvariantCulture) : 1;

// Before anything of them is loaded.
Instrumentation.Apply("activity-connector.dll", "ActivityConnector.Transforms.dll");
return FuzzRun.Start(TimeSpan.FromMinutes(minutes), rest.ElementAtOrDefault(1), keep);
