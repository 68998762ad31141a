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

    /// <param name="folder">That of the rules, which may have the file in a folder <c>attack</c>; else it is that of this version.</param>
    /// <exception cref="RuleFileException">The file cannot be used.</exception>
    public static AttackNames ReadBeside(string folder)
    {
        var yaml = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();
        var path = Path.Combine(folder, "attack", FileName);
        if (!File.Exists(path)) path = Path.Combine(AppContext.BaseDirectory, "config", "detections", "attack", FileName);

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
