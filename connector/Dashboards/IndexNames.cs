using System.Text.RegularExpressions;

namespace ActivityConnector.Dashboards;

/// <summary>Puts the configured prefix into the names of our indices, and takes it out again. Pure; works on the text of JSON too.</summary>
/// <param name="prefix">The option <c>Elasticsearch:Prefix</c>.</param>
/// <param name="sources">The names of all sources.</param>
internal sealed class IndexNames(string prefix, IEnumerable<string> sources)
{
    private const string Default = "logs";

    private readonly string _rest = $@"-(?=({string.Join('|', sources.Select(Regex.Escape))})\.audit)";

    public string Configured(string text) => Replaced(text, Default, prefix);

    public string Delivered(string text) => Replaced(text, prefix, Default);

    private string Replaced(string text, string from, string to) =>
        from == to ? text : Regex.Replace(text, $"(?<![A-Za-z0-9_.-]){from}{_rest}", $"{to}-");
}
