using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Vendors;

namespace ActivityConnector.Configuration;

/// <summary>The rules of the section <c>Elasticsearch</c>; they hold only where it is on.</summary>
internal sealed class ElasticsearchRules(string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    private const string Section = "Elasticsearch";

    private static readonly string[] SetupFiles =
        ["mappings.json", "settings.json", "dated.json", "dated.ilm.json", "dated.ism.json", "stream.json", "stream.ilm.json", "stream.ism.json",
            .. Vendor.Names.Select(SetupPlan.FileOf)];

    public void Check(ElasticsearchOptions options)
    {
        var rules = new ServerLoginRules(Section, workingDirectory, problems);
        for (var i = 0; i < options.Urls.Count; i++)
        {
            rules.CheckAddress($"Urls:{i}", options.Urls[i], options, "It is not the address of a node.", "Write it as https://host:9200.");
        }

        rules.CheckLogin(options);
        CheckSetup(options.SetupFolder!);
    }

    private void CheckSetup(string folder)
    {
        if (SetupFiles.FirstOrDefault(file => !File.Exists(Path.Combine(folder, file))) is { } missing)
        {
            Add("SetupFolder", $"{folder} has no {missing}.", "Copy the folder config/elasticsearch of this version there, or leave SetupFolder out.");
        }
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{Section}:{name}", cause, fix));
}
