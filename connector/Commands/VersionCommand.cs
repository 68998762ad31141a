using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>version</c>: what is running, to be quoted in a bug report.</summary>
internal static class VersionCommand
{
    public static Command Create(Shell shell)
    {
        var command = new Command("version", "Prints the versions of the connector, of .NET, of librdkafka and of the mapping tables.");
        command.SetAction(parse =>
        {
            var table = new ResultTable("part", "version");
            table.Add("connector", ConnectorHost.Version);
            table.Add(".net", RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal));
            table.Add("system", RuntimeInformation.RuntimeIdentifier);
            table.Add("librdkafka", Librdkafka.Version ?? "missing");
            foreach (var name in Vendor.All.Select(v => v.TableFile))
            {
                table.Add($"mapping {name}", Digest(Path.Combine(shell.Configuration(parse).Options.Transform.MappingsFolder!, name)));
            }

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    // The tables are edited by their users: the digest shows whether two of them are the same.
    public static string Digest(string path) =>
        File.Exists(path) ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))[..12] : "missing";
}
