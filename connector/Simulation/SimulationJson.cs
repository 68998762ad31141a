using System.Text.Json.Serialization;

namespace ActivityConnector.Simulation;

[JsonSerializable(typeof(string))]
internal sealed partial class SimulationJson : JsonSerializerContext;
