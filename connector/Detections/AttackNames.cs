using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace ActivityConnector.Detections;

/// <summary>The tactics and techniques of MITRE ATT&amp;CK that rules refer to, of one version.</summary>
internal sealed class AttackNames
{
    private const string FileName = "enterprise-v18.yaml";

    public Dictionary<string, Tactic> Tactics { get; init; } = [];

    public Dictionary<string, Technique> Techniques { get; init; } = [];

    /// <param name="folders">Folders of rules. The first that has the file in a folder <c>attack</c> counts.</param>
    /// <exception cref="RuleFileException">None has the file, or it cannot be used.</exception>
    public static AttackNames ReadBeside(params IReadOnlyList<string> folders)
    {
        var yaml = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();
        var path = folders.Select(folder => Path.Combine(folder, "attack", FileName)).FirstOrDefault(File.Exists)
            ?? throw new RuleFileException($"attack/{FileName}", 1, "It is not there. Copy the folder attack of this version beside your rules.");
        using var text = File.OpenText(path);
        try
        {
            return yaml.Deserialize<AttackNames?>(text) ?? new();
        }
        catch (YamlException e)
        {
            throw new RuleFileException($"attack/{FileName}", e.Start.Line, e.InnerException?.Message ?? e.Message, e);
        }
    }

    internal sealed class Tactic
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";
    }

    internal sealed class Technique
    {
        public string Name { get; init; } = "";

        /// <summary>Names of <see cref="AttackNames.Tactics"/>.</summary>
        public List<string> Tactics { get; init; } = [];
    }
}
