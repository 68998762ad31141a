using ActivityConnector.Tests.Configuration;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Tests.Containers;

/// <summary><c>docker-compose.yml</c>, with its anchors and merged keys in place.</summary>
internal static class ComposeFile
{
    public static YamlMappingNode Root { get; } = (YamlMappingNode)Load("docker-compose.yml");

    public static IReadOnlyDictionary<string, YamlMappingNode> Services { get; } =
        Map(Root["services"]).ToDictionary(service => service.Key, service => (YamlMappingNode)service.Value);

    /// <summary>The services that run the connector: simulators aside.</summary>
    public static IReadOnlyDictionary<string, YamlMappingNode> Connectors { get; } =
        Services.Where(service => List(service.Value, "command") is ["run", ..]).ToDictionary();

    public static YamlNode Load(params string[] path)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine([DeliveredFiles.Root, .. path]));
        yaml.Load(reader);
        return Merged(yaml.Documents[0].RootNode);
    }

    public static IReadOnlyDictionary<string, YamlNode> Map(YamlNode? node) =>
        node is YamlMappingNode map ? map.Children.ToDictionary(child => Text(child.Key), child => child.Value) : new Dictionary<string, YamlNode>();

    public static IReadOnlyDictionary<string, YamlNode> Map(YamlNode of, string name) => Map(Map(of).GetValueOrDefault(name));

    public static IReadOnlyList<string> List(YamlNode of, string name) =>
        Map(of).GetValueOrDefault(name) is YamlSequenceNode list ? [.. list.OfType<YamlScalarNode>().Select(Text)] : [];

    /// <summary>The text of a scalar; null where there is none.</summary>
    public static string? Text(YamlNode of, string name) => Map(of).GetValueOrDefault(name) is YamlScalarNode scalar ? Text(scalar) : null;

    public static string Text(YamlNode scalar) => ((YamlScalarNode)scalar).Value!;

    public static Dictionary<string, string> Environment(string service) =>
        Map(Services[service], "environment").ToDictionary(variable => variable.Key, variable => Text(variable.Value));

    private static YamlNode Merged(YamlNode node)
    {
        switch (node)
        {
            case YamlSequenceNode list:
                return new YamlSequenceNode(list.Select(Merged));
            case YamlMappingNode map:
                var merged = new YamlMappingNode();
                foreach (var (key, value) in map.Children.OrderBy(child => Text(child.Key) == "<<" ? 0 : 1))
                {
                    if (Text(key) == "<<")
                    {
                        foreach (var (name, inherited) in ((YamlMappingNode)Merged(value)).Children) merged.Children[name] = inherited;
                    }
                    else
                    {
                        merged.Children[key] = Merged(value);
                    }
                }

                return merged;
            default:
                return node;
        }
    }
}
