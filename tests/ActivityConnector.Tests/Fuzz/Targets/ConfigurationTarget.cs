using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>Lines of <c>--set</c>, then a configuration file: whatever is wrong is a problem with a key, a cause and a fix.</summary>
internal static class ConfigurationTarget
{
    private static readonly Loading Folder = NewFolder();

    public static Task ReadAsync(byte[] input)
    {
        var parts = Corpus.Parts(input, 2);
        var pairs = Encoding.UTF8.GetString(parts[0]).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2);
        var file = Path.Combine(Folder.Folder, "fuzz.json");
        File.WriteAllBytes(file, parts[1]);
        var loaded = LoadedConfiguration.Load(
            new ConfigurationInput
            {
                File = file,
                Environment = Folder.Environment,
                Set = [.. pairs.Select(pair => KeyValuePair.Create(pair[0], pair[1]))],
                WorkingDirectory = Folder.Folder,
            },
            new ManualTimeProvider());
        Assert.All(loaded.Problems, p => Assert.True(p.Key.Length > 0 && p.Cause.Length > 0 && p.Fix.Length > 0));
        if (loaded.CanRun) Assert.All(Vendor.All, v => Assert.All(v.Accounts(loaded.Options.Sources), a => Assert.NotNull(a.Options.BaseUrl)));
        return Task.CompletedTask;
    }

    /// <summary>With tables of a row each, because every reading of the configuration reads them.</summary>
    private static Loading NewFolder()
    {
        var folder = new Loading();
        foreach (var vendor in Vendor.All)
        {
            var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "config", "mappings", vendor.TableFile));
            folder.Write(Path.Combine("mappings", vendor.TableFile), string.Join('\n', lines.Take(2)));
        }

        return folder;
    }
}
